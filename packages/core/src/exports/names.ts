/** Checks of names that every client has. */
export { checkBasinName, checkStreamName } from "../model/names.js";
