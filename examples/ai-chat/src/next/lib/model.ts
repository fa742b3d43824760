export { chatModel } from "../../model";
