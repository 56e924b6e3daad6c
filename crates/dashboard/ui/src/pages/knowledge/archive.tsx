/** The knowledge base as an archive: out for everybody who sees it, in for members. */

import { atLeast, useRole } from "../../lib/access";
import { Export } from "./export";
import { Import } from "./import";

export function Archive() {
  const mayWrite = atLeast(useRole(), "member");
  return (
    <section aria-labelledby="archive">
      <h2 id="archive">Archive</h2>
      <div className="grid wide">
        <Export />
        {mayWrite && <Import />}
      </div>
    </section>
  );
}
