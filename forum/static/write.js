// What scripts add to the form of an article: a toolbar, a preview beside the text, and a copy kept on the server.
import * as keep from "./keep.js";
import * as pictures from "./pictures.js";
import * as preview from "./preview.js";
import * as toolbar from "./toolbar.js";

const form = document.getElementById("article-form");
toolbar.start(form);
preview.start(form);
keep.start(form);
pictures.start(form);
