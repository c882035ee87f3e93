// How this tab reaches the hub: in a SharedWorker; without one, in whichever tab holds a lock; without
// locks, in the tab itself, which then only asks now and then.

const START = 4_000; // for the worker to say that it is there
const NAME = "session-sidecar";

/** Open the link. told: hears the hub's messages. Words go the other way: again, stay. */
function openLink(mount, told) {
  let way;

  const choose = (ways) => {
    const [first, ...rest] = ways;
    let mine;
    try {
      mine = first(mount, guarded((message) => mine === way && told(message)), guarded(() => mine === way && choose(rest)));
    } catch {
      return choose(rest); // the page's policy forbids it, or the browser has no such thing
    }
    way = mine;
  };
  choose([throughWorker, throughLeader, alone]);
  return { say: (word) => way.say(word), close: () => way.close() };
}

function throughWorker(mount, told, failed) {
  const worker = new SharedWorker(trusted(`${mount}/live-worker.js`), { name: NAME });
  const { port } = worker;
  const late = setTimeout(failed, START);
  worker.onerror = (event) => {
    event.preventDefault?.();
    clearTimeout(late);
    failed();
  };
  port.onmessage = ({ data }) => {
    clearTimeout(late);
    if (data.type !== "ready") told(data);
  };
  return {
    say: (word) => port.postMessage(word),
    close() {
      clearTimeout(late);
      port.postMessage("bye");
      port.close();
    },
  };
}

let types; // a page lets a policy of that name be made once

/** Where a page takes no plain text for a script's address, its policy has to know ours. */
function trusted(url) {
  types ??= globalThis.trustedTypes?.createPolicy(NAME, { createScriptURL: () => url });
  return types ? types.createScriptURL("") : url;
}

function throughLeader(mount, told) {
  const name = `${NAME} ${mount}`;
  const locks = navigator.locks;
  const channel = new BroadcastChannel(name);
  const gone = new AbortController();
  let hub;
  let release;

  const hear = (word) => {
    if (word === "join") hub?.join();
    else if (word === "again") hub?.again();
    else if (word === "stay") hub?.stay();
  };
  channel.onmessage = ({ data }) => {
    if (typeof data === "string") hear(data);
    else if (!hub) told(data);
  };
  const lead = () => {
    hub = makeHub(mount, (message) => {
      channel.postMessage(message);
      told(message);
    });
    hub.join();
    return new Promise((done) => (release = done));
  };
  locks.request(name, { signal: gone.signal }, lead).catch(() => {});
  channel.postMessage("join");
  return {
    say: (word) => (hub ? hear(word) : channel.postMessage(word)),
    close() {
      gone.abort();
      hub?.stop();
      hub = undefined;
      release?.();
      channel.close();
    },
  };
}

function alone(mount, told) {
  const hub = makeHub(mount, told, false);
  hub.join();
  return { say: (word) => hub[word](), close: () => hub.stop() };
}
