/**
 * Inside WeChat: a page with somebody's own things is not passed on from the menu; a notice is passed on as a clean
 * card. Expects <meta name="wechat-script" content="address of the JS-SDK" data-signature="address that signs this page"
 * data-share="none" or "card">, and for a card the og: names. Nothing waits for it: when WeChat's script does not come
 * or refuses, the page is as it was.
 */
const SHARING = [
  "menuItem:share:appMessage",
  "menuItem:share:timeline",
  "menuItem:share:qq",
  "menuItem:share:QZone",
  "menuItem:share:weiboApp",
  "menuItem:favorite",
  "menuItem:copyUrl",
];
const CARD = ["updateAppMessageShareData", "updateTimelineShareData"];

const meta = document.querySelector('meta[name="wechat-script"]');
if (meta) start(meta.content, meta.dataset).catch(() => {});

async function start(script, { signature, share }) {
  const [signed] = await Promise.all([signedPage(signature), loaded(script)]);
  const { wx } = window;
  wx.config({ debug: false, ...signed, jsApiList: share === "card" ? CARD : ["hideMenuItems"] });
  wx.ready(() => {
    if (share === "card") for (const name of CARD) wx[name](card());
    else wx.hideMenuItems({ menuList: SHARING });
  });
}

/** What WeChat wants to know of this page; the server signs the address that the browser says it comes from. */
async function signedPage(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

function loaded(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.referrerPolicy = "no-referrer";
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}

function card() {
  const named = (name) => document.querySelector(`meta[property="og:${name}"]`)?.content ?? "";
  return { title: named("title"), desc: named("description"), link: named("url"), imgUrl: named("image") };
}
