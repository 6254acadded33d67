/** [data-kept hidden]: shown where a shot of this account waits on this phone. Expects data-personal on body. */
import { keptFor } from "./camera/kept.js";

const place = document.querySelector("[data-kept]");
if (place && (await keptFor(document.body.dataset.personal))) place.hidden = false;
