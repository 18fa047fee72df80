// The staff desk: files that are dropped, and the progress of a job. Without it, files are chosen and pages reloaded.

const EVERY = 1000; // milliseconds between two looks at a job
const french = new Intl.NumberFormat("fr-FR");

const follow = (live) => {
  const stage = live.querySelector("[data-stage]");
  const count = live.querySelector("[data-count]");
  const bar = live.querySelector("progress");
  const look = async () => {
    try {
      const answer = await fetch(live.dataset.job, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const job = await answer.json();
        if (job.over) return location.reload();
        // Only a new stage is said aloud: not each page of it.
        if (job.stage && stage.textContent !== job.stage) stage.textContent = job.stage;
        if (job.total) {
          bar.max = job.total;
          bar.value = job.done;
          count.textContent = `${french.format(job.done)} sur ${french.format(job.total)} ${job.unit}`;
        } else {
          bar.removeAttribute("value");
          count.textContent = job.done ? `${french.format(job.done)} ${job.unit}` : "";
        }
      }
    } catch {
      // The site restarts, or the network is away: the job goes on, and so do we.
    }
    setTimeout(look, EVERY);
  };
  setTimeout(look, EVERY);
};

const accept = (zone) => {
  const box = zone.querySelector("input[type=file]");
  const chosen = zone.querySelector("[data-chosen]");
  const tell = () => {
    const files = [...box.files];
    const size = files.reduce((sum, file) => sum + file.size, 0);
    const names = files.slice(0, 5).map((file) => file.name);
    if (files.length > names.length) names.push("…");
    chosen.textContent = files.length
      ? `${files.length} fichier${files.length > 1 ? "s" : ""}, ${french.format(Math.ceil(size / 1024))} ko : ${names.join(", ")}`
      : "";
  };
  const stop = (event) => {
    event.preventDefault();
    zone.classList.toggle("over", event.type === "dragover");
  };
  zone.addEventListener("dragover", stop);
  zone.addEventListener("dragleave", stop);
  zone.addEventListener("drop", (event) => {
    stop(event);
    box.files = event.dataTransfer.files;
    tell();
  });
  box.addEventListener("change", tell);
};

document.querySelectorAll("[data-job]").forEach(follow);
document.querySelectorAll("[data-drop]").forEach(accept);
