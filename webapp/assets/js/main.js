/** What every page gets. Each module does its own small thing; pages work without any of them. */
import "./refresh.js";
import "./app.js";
import "./submit-guard.js";
import "./dialogs.js";
import "./count-down.js";
import "./file-picker.js";
import "./upload.js";
import "./copy-button.js";
import "./show-password.js";
import "./flash-toast.js";
import "./photo-findings.js";
