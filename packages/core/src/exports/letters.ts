/** Names that differ in their letters only. */
export { lettersOf } from "../model/shapes.js";
