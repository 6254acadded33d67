/**
 * The app on the home screen: registers the service worker where there is one. WeChat's browser is left alone; it
 * keeps none reliably, and everything works without.
 */
const inWechat = /MicroMessenger/i.test(navigator.userAgent);

if ("serviceWorker" in navigator && !inWechat) {
  // when the page is done: it must not compete with the first picture
  addEventListener("load", () => {
    navigator.serviceWorker.register("/service-worker.js").catch(() => {});
  }, { once: true });
}
