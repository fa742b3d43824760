import { expectToLeave } from "./alarm.js";
import { openStream } from "./stream.js";

await openStream()
  .append({ body: "a" }, { match_seq_num: 999_999 })
  .catch(() => undefined);
expectToLeave();
