/** The camera's stream: opening it, its first picture, its light. Errors keep the browser's names: see problems.js. */
const FIRST_PICTURE_MS = 8000;
const WANTED = { width: { ideal: 1920 }, height: { ideal: 1440 }, frameRate: { ideal: 30 } };

/**
 * @param {HTMLVideoElement} video  muted, playsinline
 * @param {"user" | "environment"} facing
 * @returns {Promise<MediaStream>}  playing; raises what getUserMedia raises, and TimeoutError for a black picture
 */
export async function openStream(video, facing) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: facing }, ...WANTED },
  });
  video.srcObject = stream;
  // at once, in the handler itself: WeChat's preview stays black otherwise
  video.play().catch(() => {});
  try {
    await firstPicture(video);
  } catch (error) {
    closeStream(video);
    throw error;
  }
  return stream;
}

/** @param {HTMLVideoElement} video */
export function closeStream(video) {
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
}

function firstPicture(video) {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => end(failed, new DOMException("no picture came", "TimeoutError")), FIRST_PICTURE_MS);
    const look = () => {
      if (video.videoWidth > 0 && video.readyState >= 2) end(done);
    };
    const gone = () => end(failed, new DOMException("the camera went away", "AbortError"));
    const [track] = video.srcObject.getVideoTracks();
    const events = ["loadeddata", "playing", "timeupdate"];
    function end(how, what) {
      clearTimeout(timer);
      events.forEach((name) => video.removeEventListener(name, look));
      track.removeEventListener("ended", gone);
      how(what);
    }
    events.forEach((name) => video.addEventListener(name, look));
    track.addEventListener("ended", gone);
    look();
  });
}

/** Does this camera look at the person who holds the phone? A computer's camera says nothing and does. */
export function looksAtHolder(track, wanted) {
  const facing = track.getSettings?.().facingMode;
  if (facing) return facing === "user";
  return wanted === "user";
}

/** @returns {boolean} has the camera a light that can stay on? */
export function hasTorch(track) {
  return Boolean(track.getCapabilities?.().torch);
}

/** @returns {Promise<boolean>} whether the light is on now */
export async function setTorch(track, on) {
  try {
    await track.applyConstraints({ advanced: [{ torch: on }] });
    return on;
  } catch {
    return false;
  }
}

/** More than one camera: only known after the permission was given. */
export async function hasSeveral() {
  try {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === "videoinput").length > 1;
  } catch {
    return false;
  }
}
