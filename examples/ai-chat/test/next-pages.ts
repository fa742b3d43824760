import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { getRequestListener } from "@hono/node-server";
import { build } from "esbuild";
import { Hono } from "hono";

/** The files of `src/next`, served as Next.js maps them to addresses. */
export interface NextPages extends AsyncDisposable {
  readonly url: string;
}

/** Bundles the part of the page that runs in browsers. */
async function bundleView(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { createRoot } from "react-dom/client";
import { ChatView } from "./app/chat/[id]/chat-view";
const props = JSON.parse(document.querySelector("#props").textContent);
createRoot(document.querySelector("#root")).render(<ChatView {...props} />);`,
      loader: "jsx",
      resolveDir: fileURLToPath(new URL("../src/next", import.meta.url)),
    },
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    logLevel: "silent",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return outputFiles[0]?.text ?? "";
}

/** Serves the pages; the environment says already where their conversations are. */
export async function serveNextPages(): Promise<NextPages> {
  const [view, { default: Page }, answering, resuming, stopping] = await Promise.all([
    bundleView(),
    import("../src/next/app/chat/[id]/page"),
    import("../src/next/app/api/chat/route"),
    import("../src/next/app/api/chat/[id]/stream/route"),
    import("../src/next/app/api/chat/[id]/stop/route"),
  ]);
  const params = async (id: string) => ({ id });
  const app = new Hono()
    .post("/api/chat", (c) => answering.POST(c.req.raw))
    .get("/api/chat/:id/stream", (c) => resuming.GET(c.req.raw, { params: params(c.req.param("id")) }))
    .post("/api/chat/:id/stop", (c) => stopping.POST(c.req.raw, { params: params(c.req.param("id")) }))
    .get("/view.js", (c) => c.body(view, 200, { "content-type": "text/javascript" }))
    .get("/chat/:id", async (c) => {
      const { props } = await Page({ params: params(c.req.param("id")) });
      const text = JSON.stringify(props).replaceAll("<", "\\u003c");
      return c.html(
        `<!doctype html><link rel="icon" href="data:,"><div id="root"></div><script type="application/json" id="props">${text}</script><script type="module" src="/view.js"></script>`,
      );
    });
  const server = createServer(getRequestListener(app.fetch)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
