// What scripts add to the form of an article: a toolbar, and a preview beside the text.
import * as preview from "./preview.js";
import * as toolbar from "./toolbar.js";

const form = document.getElementById("article-form");
toolbar.start(form);
preview.start(form);
