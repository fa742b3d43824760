import { h, render } from "preact";
import { App } from "./views/app.js";

const root = document.getElementById("app");
if (root !== null) render(h(App, {}), root);
