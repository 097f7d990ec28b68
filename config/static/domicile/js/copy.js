"use strict";

// A button with `data-copy="id"` copies the text of the element of that id. Without JavaScript there is no button.
// A page that came without TLS has no clipboard either, and the button stays hidden.
for (const button of navigator.clipboard ? document.querySelectorAll("button[data-copy]") : []) {
    button.hidden = false;
    button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
        button.textContent = button.dataset.done;
    });
}
