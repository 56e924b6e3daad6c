/** How documents are pushed to a source: its door, what is sent, and how a push proves itself. */

import type { Id } from "../../api/schema";
import { Fact } from "../../components/basics";
import { CopyButton } from "../../components/copy";

/** Where documents are pushed to, as this browser reaches the server. */
function doorOf(source: Id): string {
  return new URL(`/api/v1/ingest/generic?source_id=${source}`, window.location.href).href;
}

function exampleOf(door: string): string {
  return `body='{"title": "Build 7", "content": "# Build 7\\n\\nFaster.", "url": "https://ci.example.com/7"}'
signature="sha256=$(printf %s "$body" | openssl dgst -sha256 -hmac "$SECRET" -hex | sed 's/.* //')"
curl -X POST "${door}" -H "X-Signature-256: $signature" -H "content-type: application/json" -d "$body"`;
}

export function Push({ source, hasSecret }: { source: Id; hasSecret: boolean }) {
  const door = doorOf(source);
  const example = exampleOf(door);
  return (
    <section className="panel" aria-labelledby="push">
      <h2 id="push">How to push</h2>
      <dl className="facts">
        <Fact name="Address">
          <code className="wrapped">POST {door}</code> <CopyButton text={door} what="The address" />
        </Fact>
        <Fact name="Signature">
          <code>X-Signature-256</code> is <code>sha256=</code> and the HMAC-SHA256 of the body under the secret, in hex. Or send the secret itself as <code>X-API-Key</code>.
        </Fact>
        <Fact name="Secret">{hasSecret ? "Stored sealed, and never shown again. Give it another one if it is lost." : "None is stored: give it one."}</Fact>
        <Fact name="Body">
          JSON with <code>title</code> and <code>content</code> (Markdown, a web page or text), and if you like <code>url</code> and <code>id</code>. The same <code>id</code>, else{" "}
          <code>url</code>, else <code>title</code> again is a new version.
        </Fact>
      </dl>
      <h3>From a shell</h3>
      {/* A long command scrolls, so the keyboard must reach it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="code" tabIndex={0} role="group" aria-label="Command that pushes a document">
        <code>{example}</code>
      </pre>
      <div className="actions start">
        <CopyButton text={example} what="The command" />
      </div>
    </section>
  );
}
