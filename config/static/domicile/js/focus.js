"use strict";

// After a list was exchanged, the focus goes to its new heading: it would otherwise be lost with the link that was pressed.
document.addEventListener("htmx:afterSwap", (event) => {
    const heading = event.detail.target.querySelector("[data-focus]");
    if (heading && event.detail.requestConfig.elt.matches("a")) {
        heading.focus();
    }
});
