"use strict";

// A button with `data-copy="id"` copies the text of the element of that id. Without JavaScript there is no button.
for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
        button.textContent = button.dataset.done;
    });
}
