// The open line to the server, on which it says what happens and that this session has ended.
import { liveUrl } from "./place.js";

const BEAT = 5_000;
const PATIENCE = 6_000;
const AGAIN = [2_000, 10_000];

/** Open the line, now and whenever it was lost, unless the browser is offline. cursor: returns where
 *  to follow from. It tells: heard (what happened, and the next cursor), ended (why), silent (the store
 *  does not answer), lost. */
export function openLine({ cursor, heard, ended, silent, lost }) {
  let socket;
  let beat;
  let late;

  const say = (message) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
  const expect = () => {
    clearTimeout(late);
    late = setTimeout(() => gone(socket), PATIENCE);
  };

  const line = {
    follows: false,
    follow: () => say({ type: "follow", after: cursor() }),
    /** Is it still there? The machine may have slept. */
    look() {
      if (!socket) connect();
      else if (line.follows) {
        say({ type: "limits" });
        expect();
      }
    },
    /** Take it for lost: the browser is offline, even if the line does not know yet. */
    drop() {
      if (socket) gone(socket);
    },
  };

  function take(message) {
    clearTimeout(late);
    switch (message.type) {
      case "hello":
        line.follow();
        line.follows = true; // nothing is said back until something happens
        return heard([]);
      case "events":
        return heard(message.items, message.cursor);
      case "limits":
        return heard([]);
      case "unavailable":
        return silent();
      case "ended":
        return ended(message.code);
    }
  }

  function gone(which) {
    if (which !== socket) return;
    const did = line.follows;
    line.follows = false;
    socket = undefined;
    which.onclose = which.onmessage = null;
    which.close();
    clearTimeout(late);
    clearInterval(beat);
    setTimeout(connect, AGAIN[0] + Math.random() * (AGAIN[1] - AGAIN[0]));
    if (did) lost();
  }

  function connect() {
    if (socket || !navigator.onLine) return;
    const mine = (socket = new WebSocket(liveUrl()));
    mine.onmessage = (event) => mine === socket && take(JSON.parse(event.data));
    mine.onclose = () => gone(mine);
    clearInterval(beat);
    beat = setInterval(line.look, BEAT);
    expect();
  }

  connect();
  return line;
}
