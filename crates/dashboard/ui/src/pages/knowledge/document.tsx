/** One document: where it came from, what was read of it, how it is filed, its passages and its versions. */

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";

import { jobs, knowledge } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { ApiProblem } from "../../api/problem";
import type { DocumentContentView, Id, SpanView } from "../../api/schema";
import { Badge, Empty, Fact, PageHead, Progress, Ready, When } from "../../components/basics";
import { DeleteButton } from "../../components/delete";
import { atLeast, useRole } from "../../lib/access";
import { bytes, words } from "../../lib/text";
import { isFinished, useJobProgress } from "../../live/jobs";
import { NotFound } from "../not-found";
import { lossOf } from "./documents";
import { EditDocument } from "./edit";
import { Passages } from "./passages";
import { useKnowledgeChanged } from "./refresh";
import { spanOf, TextPanel } from "./text";
import { Versions } from "./versions";

export function DocumentPage() {
  const [params] = useSearchParams();
  const number = Number(useParams().id);
  return Number.isSafeInteger(number) && number > 0 ? <OneDocument key={number} id={number} span={spanOf((name) => params.get(name))} /> : <NotFound />;
}

function OneDocument({ id, span }: { id: Id; span: SpanView | null }) {
  const one = useQuery({ queryKey: keys.knowledge("one", id), queryFn: () => knowledge.document(id) });
  if (one.error instanceof ApiProblem && one.error.status === 404) return <NotFound />;
  return <Ready query={one}>{(document) => <Detail document={document} span={span} />}</Ready>;
}

function Detail({ document, span }: { document: DocumentContentView; span: SpanView | null }) {
  const navigate = useNavigate();
  // This page is about to go, and its document is gone: it must not be asked for again.
  const changed = useKnowledgeChanged("none");
  const mayWrite = atLeast(useRole(), "member");
  const deleted = () => {
    changed();
    void navigate("/knowledge");
  };
  return (
    <>
      <p>
        <Link to="/knowledge">All documents</Link>
      </p>
      <PageHead title={document.title}>
        {mayWrite && (
          <DeleteButton name={document.title} label="Delete document" remove={() => knowledge.remove(document.id)} onDeleted={deleted}>
            <p>{lossOf(document)}</p>
          </DeleteButton>
        )}
      </PageHead>
      <Reading document={document} />
      <div className="grid wide">
        <Origin document={document} />
        {mayWrite && (
          <section className="panel" aria-labelledby="filing">
            <h2 id="filing">How it is filed</h2>
            <EditDocument key={`${document.title} ${document.category} ${document.tags.join()} ${document.technology_id}`} document={document} />
          </section>
        )}
      </div>
      <section aria-labelledby="text">
        <h2 id="text">Text</h2>
        {document.content ? (
          // Another passage begins at its own place.
          <TextPanel key={`${document.version} ${span?.start} ${span?.end}`} content={document.content} span={span} />
        ) : (
          <Empty title="No text yet">It is shown once the document was read.</Empty>
        )}
      </section>
      <Passages document={document.id} />
      <Versions document={document.id} />
    </>
  );
}

/** What became of the reading of the newest version: how far it is, why it failed, what was lost. */
function Reading({ document }: { document: DocumentContentView }) {
  const changed = useKnowledgeChanged();
  const waits = document.status === "pending" || document.status === "indexing";
  const list = useQuery({ queryKey: keys.jobs("ingests"), queryFn: () => jobs.list({ job_type: "knowledge_ingest", limit: 100 }), enabled: waits });
  const found = list.data?.items.find((job) => job.parameters.document_id === document.id && !isFinished(job.status))?.id ?? null;
  const live = useJobProgress(waits ? found : null, changed);
  return (
    <>
      {live && !live.done && (
        <section className="panel standing" aria-label="Reading under way">
          <Progress value={live.progress} label={`Reading ${document.title}`} text={live.step ?? live.status} />
        </section>
      )}
      {document.error && (
        <p className="notice bad wrapped">
          <strong>It could not be read: </strong>
          {document.error}
          {document.chunk_count > 0 && " What an earlier version said is still found."}
        </p>
      )}
      {document.warnings.length > 0 && (
        <section className="notice busy" aria-labelledby="warnings">
          <h2 id="warnings">Lost or guessed when it was read</h2>
          <ul>
            {document.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Origin({ document }: { document: DocumentContentView }) {
  return (
    <section className="panel" aria-labelledby="origin">
      <h2 id="origin">Origin</h2>
      <dl className="facts">
        <Fact name="State">
          <Badge value={document.status} />
        </Fact>
        <Fact name="From">
          {document.origin === "repository" && document.repository_id != null ? <Link to="/repositories">{words(document.origin)}</Link> : words(document.origin)}
        </Fact>
        <Fact name="File">{document.source_path ?? document.filename}</Fact>
        {document.source_url && (
          <Fact name="Address">
            <a href={document.source_url} rel="noreferrer">
              {document.source_url}
            </a>
          </Fact>
        )}
        {document.commit_sha && (
          <Fact name="Commit">
            <code>{document.commit_sha.slice(0, 7)}</code>
          </Fact>
        )}
        <Fact name="Category">{document.category}</Fact>
        {document.tags.length > 0 && <Fact name="Tags">{document.tags.join(", ")}</Fact>}
        {document.technology_id != null && (
          <Fact name="Technology">
            <Link to={`/technologies/${document.technology_id}`}>#{document.technology_id}</Link>
          </Fact>
        )}
        <Fact name="Kind">
          {document.content_type}, {bytes(document.size)}
        </Fact>
        {document.language && <Fact name="Language">{document.language}</Fact>}
        <Fact name="Version">{document.version}</Fact>
        <Fact name="Passages">{document.chunk_count}</Fact>
        <Fact name="Read">
          <When at={document.indexed_at} />
        </Fact>
      </dl>
    </section>
  );
}
