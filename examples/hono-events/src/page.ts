/** A page without a build. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Messages</title>
<link rel="icon" href="data:,">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; color: #223 }
form { display: flex; gap: .5rem }
input { flex: 1; font: inherit; padding: .4rem .6rem }
button { font: inherit; padding: .4rem 1rem }
li { overflow-wrap: anywhere }
</style>
</head>
<body>
<h1>Messages</h1>
<form><input name="text" aria-label="Your message" autocomplete="off" required><button>Send</button></form>
<p role="status">Connecting</p>
<ul></ul>
<script>
const status = document.querySelector("[role=status]");
const list = document.querySelector("ul");
const events = new EventSource("/events");
events.onopen = () => { status.textContent = "Live"; };
events.onerror = () => {
  const isRefused = events.readyState === EventSource.CLOSED;
  status.textContent = isRefused ? "These messages are gone: load the page anew" : "Reconnecting";
};
events.onmessage = ({ data }) => {
  const item = document.createElement("li");
  item.textContent = JSON.parse(data).body;
  list.prepend(item);
};
document.querySelector("form").onsubmit = async (event) => {
  event.preventDefault();
  const { text } = event.target.elements;
  const response = await fetch("/messages", { method: "POST", body: text.value }).catch(() => undefined);
  if (!response?.ok) {
    status.textContent = "Not sent; try again";
    return;
  }
  text.value = "";
  if (events.readyState === EventSource.OPEN) status.textContent = "Live";
};
</script>
</body>
</html>
`;
