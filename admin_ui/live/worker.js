// The SharedWorker: one hub for all tabs of this browser. A tab says `bye` before it goes; one that
// could not is still written to, which harms nobody.

const ports = new Set();
const hub = makeHub(location.pathname.replace(/\/live-worker\.js$/, ""), (message) => {
  for (const port of ports) port.postMessage(message);
});

onconnect = guarded(({ ports: [port] }) => {
  ports.add(port);
  port.onmessage = guarded(({ data }) => {
    if (data === "bye") {
      ports.delete(port);
      port.close();
      if (!ports.size) hub.stop();
    } else if (data === "again") hub.again();
    else if (data === "stay") hub.stay();
  });
  port.postMessage({ type: "ready" });
  hub.join();
});
