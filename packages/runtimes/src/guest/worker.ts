/** The suite as a worker: options in the body of a request, outcomes in that of the answer. */
import { runSuite, type SuiteOptions } from "./suite.js";

export default {
  async fetch(request: Request): Promise<Response> {
    if (request.method !== "POST") return new Response("ready");
    return Response.json(await runSuite((await request.json()) as SuiteOptions));
  },
};
