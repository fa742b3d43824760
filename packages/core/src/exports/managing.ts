/** What goes through pages of a list. */
export { paginate } from "../rest/pages.js";
