/** What staff pages get on top. */
import "./shortcuts.js";
