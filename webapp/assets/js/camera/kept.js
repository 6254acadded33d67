/**
 * The shot on the phone until the server has it. One database; every shot bears the mark of the account that took it,
 * and nobody else is shown it: another account's shots are deleted when they are met.
 * A private window may refuse to store: the shot then lives as long as the page.
 */
const NAME = "xuezhao-shots";
const STORE = "shots";
const OLDEST_MS = 24 * 3600 * 1000;
export const FLAG = "xuezhao-kept"; // in localStorage: whose shots there are, so that other pages need not open the database

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
    request.onblocked = () => failed(new DOMException("blocked", "AbortError"));
  });
}

/** @param {"readonly" | "readwrite"} mode @param {(store: IDBObjectStore) => IDBRequest} work */
async function within(mode, work) {
  const database = await open();
  try {
    return await new Promise((done, failed) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => done(request.result);
      transaction.onabort = transaction.onerror = () => failed(transaction.error);
    });
  } finally {
    database.close();
  }
}

/**
 * One shot at a time: the newest takes the place of the one before. Kept as bytes: some WebViews lose blobs.
 * @param {{key: string, account: string, blob: Blob, source: string, takenAt: number}} shot
 * @returns {Promise<boolean>}  false when the browser stores nothing
 */
export async function keep({ blob, ...facts }) {
  try {
    const shot = { ...facts, type: blob.type, bytes: await blob.arrayBuffer() };
    localStorage.setItem(FLAG, shot.account);
    await within("readwrite", (store) => {
      store.clear();
      return store.put(shot);
    });
    return true;
  } catch {
    return false;
  }
}

/** The shot of this account that waits, or null. One of somebody else, or an old one, is deleted. */
export async function keptFor(account, now = Date.now()) {
  try {
    if (localStorage.getItem(FLAG) === null) return null;
    const shot = (await within("readonly", (store) => store.getAll()))[0];
    if (!shot) return null;
    if (shot.account !== account || now - shot.takenAt > OLDEST_MS) {
      await forgetAll();
      return null;
    }
    const { bytes, type, ...facts } = shot;
    return { ...facts, blob: new Blob([bytes], { type }) };
  } catch {
    return null;
  }
}

export async function forget(key) {
  try {
    const left = await within("readwrite", (store) => {
      store.delete(key);
      return store.count();
    });
    if (!left) localStorage.removeItem(FLAG);
  } catch {
    // nothing was stored, so nothing stays
  }
}

/** Deletes everything, whoever took it. */
export async function forgetAll() {
  try {
    await within("readwrite", (store) => store.clear());
    localStorage.removeItem(FLAG);
  } catch {
    // as above
  }
}
