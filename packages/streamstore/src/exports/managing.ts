/** What goes through pages of a list. */
export { paginate } from "@s2-dev/streamstore-core";
