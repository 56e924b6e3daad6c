/** Text to take elsewhere. */

import { useToasts } from "./toasts";

/** Puts a text on the clipboard; nothing where the browser has none for this page. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const toasts = useToasts();
  // Browsers lend the clipboard to pages over HTTPS and of this machine only.
  if (!("clipboard" in navigator)) return null;
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => toasts.good(`${what} is copied.`),
      () => toasts.bad("The browser does not let this page copy: mark the text and copy it yourself."),
    );
  };
  return (
    <button type="button" aria-label={`Copy: ${what}`} onClick={copy}>
      Copy
    </button>
  );
}
