// A button that copies what is shown only once, such as an API key. Without scripts the text can be selected and copied.
function addCopyButtons() {
  for (const secret of document.querySelectorAll("textarea.secret:not([data-copied])")) {
    secret.dataset.copied = "";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(secret.value);
        button.textContent = "Copied";
      } catch {
        secret.select();
        button.textContent = "Selected: copy it with the keyboard";
      }
    });
    button.setAttribute("aria-live", "polite");
    secret.after(button);
  }
}
document.addEventListener("DOMContentLoaded", addCopyButtons);
document.addEventListener("htmx:load", addCopyButtons);
