// Completion in the search box. Without this script, or without an answer, the box is a plain one.

const PAUSE = 120; // milliseconds without typing before asking
const box = document.getElementById("q");
const list = document.getElementById("q-suggestions");

if (box && list) {
  let waiting;
  let asking;

  const suggest = async () => {
    asking?.abort();
    asking = new AbortController();
    try {
      const address = `${list.dataset.source}?q=${encodeURIComponent(box.value)}`;
      const answer = await fetch(address, { signal: asking.signal });
      if (!answer.ok) return;
      const { suggestions } = await answer.json();
      list.replaceChildren(...suggestions.map((text) => new Option("", text)));
    } catch {
      // Typing went on, or the network did not answer: nothing to say.
    }
  };

  box.addEventListener("input", (event) => {
    clearTimeout(waiting);
    // Choosing a suggestion is an input too, and asks for nothing more.
    if (event.inputType === "insertReplacementText" || box.value.trim().length < 2) return;
    waiting = setTimeout(suggest, PAUSE);
  });
}
