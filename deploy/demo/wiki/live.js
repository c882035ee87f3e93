const clock = document.getElementById("clock");
const answer = document.getElementById("answer");

const events = new EventSource("/events");
events.addEventListener("tick", (event) => { clock.value = event.data; });
events.addEventListener("error", () => { clock.value = "the stream is closed"; });

const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
socket.addEventListener("message", (event) => { answer.value = event.data; });
socket.addEventListener("close", () => { answer.value = "the socket is closed"; });

document.getElementById("echo").addEventListener("submit", (event) => {
  event.preventDefault();
  socket.send(document.getElementById("say").value);
  event.target.reset();
});
