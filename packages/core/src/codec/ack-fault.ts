import type { S2Error } from "../error/s2-error.js";
import type { AppendAck } from "../model/position.js";
import { protocolError } from "./protocol-error.js";

/**
 * What is wrong with an ack for a batch of so many records, if anything (contract B.3): `numRecords` is absent where no
 * batch waits for one. Nothing before `after` can be acknowledged.
 */
export function faultOf(
  { start, end, tail }: AppendAck,
  numRecords: number | undefined,
  after = 0,
): S2Error | undefined {
  const count = end.seq_num - start.seq_num;
  let fault: string | undefined;
  if (numRecords === undefined) fault = "a batch that was not sent";
  else if (count !== numRecords) fault = `${count} records for a batch of ${numRecords}`;
  else if (start.seq_num < after) fault = `records from ${start.seq_num} after those up to ${after}`;
  else if (tail.seq_num < end.seq_num) fault = `records up to ${end.seq_num} with the tail ${tail.seq_num}`;
  return fault === undefined ? undefined : protocolError(`The server acknowledged ${fault}`);
}
