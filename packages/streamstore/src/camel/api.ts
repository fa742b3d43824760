/** Wire types, in the wire's own case. There is nothing in here at run time. */
export type * from "@s2-dev/streamstore-core";
