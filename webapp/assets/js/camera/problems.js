/** What is wrong with the camera, and on which kind of device the way out is described. Pure. */

const BY_NAME = {
  NotAllowedError: "denied",
  PermissionDeniedError: "denied", // old WebViews
  NotReadableError: "in_use",
  TrackStartError: "in_use",
  NotFoundError: "missing",
  DevicesNotFoundError: "missing",
  OverconstrainedError: "unfitting",
  SecurityError: "insecure",
  AbortError: "aborted",
  TimeoutError: "black",
};

/**
 * Why there can be no camera at all, before it is asked for; "" when it can be tried.
 * @param {{secure: boolean, devices: boolean, agent: string}} browser  agent: its own name
 */
export function hopeless({ secure, devices, agent }) {
  if (!secure) return "insecure"; // browsers hide the camera from such pages, so this comes first
  if (devices) return "";
  return /MicroMessenger/.test(agent) ? "old_wechat" : "unsupported"; // each is told what helps there
}

/** @param {{name?: string}} error @returns {string}  the name of its sentence */
export function problemOf(error) {
  return BY_NAME[error?.name] ?? "unknown";
}

/** @param {string} agent  the browser's own name @returns {"wechat_ios" | "wechat_android" | "ios" | "android" | "computer"} */
export function platformOf(agent) {
  const ios = /iPhone|iPad|iPod/.test(agent);
  const wechat = /MicroMessenger/.test(agent);
  if (wechat && ios) return "wechat_ios";
  if (wechat && /Android|OpenHarmony/.test(agent)) return "wechat_android";
  if (ios) return "ios";
  return /Android|OpenHarmony|HarmonyOS/.test(agent) ? "android" : "computer";
}
