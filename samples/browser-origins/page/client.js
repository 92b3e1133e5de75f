const gateway = "localhost:8080";
const list = document.querySelector("ol");
const form = document.querySelector("form");

// A real application has the user sign in. Cookies do not care about the port: the gateway gets this one.
await cookieStore.set("user", "ada");

// Plain HTTP: CORS lets this page read the answer.
const history = await fetch(`http://${gateway}/history`, { credentials: "include" });
for (const text of await history.json()) show(text);

// WebSocket: the browser sends the page's Origin along, and the gateway's `origins` decide.
const socket = new WebSocket(`ws://${gateway}/chat`, ["chat.v2", "chat.v1"]);
socket.addEventListener("open", () => show(`connected, ${socket.protocol}`));
socket.addEventListener("message", ({ data }) => show(data));
socket.addEventListener("close", ({ code, reason }) => show(`closed: ${code} ${reason}`));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  socket.send(form.elements.text.value);
  form.reset();
});

function show(text) {
  const item = document.createElement("li");
  item.textContent = text;
  list.append(item);
}
