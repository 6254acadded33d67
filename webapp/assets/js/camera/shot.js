/**
 * One picture from the camera, as the camera sees it: a mirrored preview is a matter of the style sheet and never gets
 * into the file.
 */
import { wantedSize } from "../lib/reduce.js";
import { HEIGHT, WIDTH, middle } from "./geometry.js";

const QUALITY = 0.95;
const PHOTO_MS = 4000; // takePhoto of some phones never answers

/**
 * @param {HTMLVideoElement} video
 * @returns {Promise<{blob: Blob, width: number, height: number, reduced: boolean}>}
 */
export async function takeShot(video) {
  const [track] = video.srcObject.getVideoTracks();
  const instant = drawn(video, video.videoWidth, video.videoHeight); // what was seen when the shutter fell
  const photo = await photoOf(track, instant);
  if (photo) return photo;
  return { blob: await jpeg(instant), width: instant.width, height: instant.height, reduced: false };
}

/** The camera's own photo, larger than a frame of its video; null where there is none that can be trusted. */
async function photoOf(track, instant) {
  if (!("ImageCapture" in window)) return null;
  try {
    const blob = await soon(new ImageCapture(track).takePhoto(), PHOTO_MS);
    const bitmap = await createImageBitmap(blob);
    const { width, height } = bitmap;
    // some phones turn it, or give less than the video has
    const alike = width > height === instant.width > instant.height;
    if (!alike || Math.max(width, height) < Math.max(instant.width, instant.height)) return null;
    const size = wantedSize(width, height);
    const answer = size
      ? { blob: await jpeg(drawn(bitmap, size.width, size.height)), ...size, reduced: true }
      : { blob, width, height, reduced: false };
    bitmap.close();
    return answer;
  } catch {
    return null;
  }
}

/** The 3:4 middle of a picture, small: what an engine looks at. */
export async function frameOf(source, width, height, { width: wide, height: high }) {
  const part = middle(width, height);
  try {
    return await createImageBitmap(source, part.x, part.y, part.width, part.height, {
      resizeWidth: wide,
      resizeHeight: high,
      resizeQuality: "medium",
    });
  } catch {
    const canvas = Object.assign(document.createElement("canvas"), { width: wide, height: high });
    canvas.getContext("2d").drawImage(source, part.x, part.y, part.width, part.height, 0, 0, wide, high);
    return createImageBitmap(canvas);
  }
}

function drawn(source, width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(source, 0, 0, width, height);
  return canvas;
}

function jpeg(canvas) {
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/jpeg", QUALITY);
  });
}

function soon(promise, ms) {
  return Promise.race([
    promise,
    new Promise((_, failed) => { setTimeout(() => failed(new DOMException("too slow", "TimeoutError")), ms); }),
  ]);
}

export const LOOKED_AT = { width: (WIDTH * 3) / 4, height: (HEIGHT * 3) / 4 };
