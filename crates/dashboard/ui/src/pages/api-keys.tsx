/** The person's own API keys: each acts as them, in all of their projects. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { apiKeys } from "../api/endpoints";
import { keys } from "../api/keys";
import { messageOf } from "../api/problem";
import type { ApiKeyView } from "../api/schema";
import { Confirm, Empty, PageHead, Ready, When } from "../components/basics";
import { Form, TextField, useForm } from "../components/form";
import { Pagination, useListState } from "../components/list";
import { useToasts } from "../components/toasts";

export function ApiKeys() {
  const state = useListState("");
  const query = { page: state.page, limit: 20 };
  const list = useQuery({ queryKey: keys.apiKeys("list", query), queryFn: () => apiKeys.list(query), placeholderData: (before) => before });
  return (
    <>
      <PageHead title="API keys" />
      <section className="panel" aria-labelledby="new-key">
        <h2 id="new-key">New key</h2>
        <NewKey />
      </section>
      <Ready query={list}>
        {(page) =>
          page.items.length > 0 ? (
            <>
              <KeyTable items={page.items} />
              <Pagination page={page} state={state} />
            </>
          ) : (
            <Empty title="No key yet">Programs use a key instead of your password. It acts as you, in all of your projects.</Empty>
          )
        }
      </Ready>
    </>
  );
}

function NewKey() {
  const queries = useQueryClient();
  const [made, setMade] = useState<ApiKeyView | null>(null);
  const form = useForm(
    (values) => {
      const day = values.text("expires_at");
      // The day itself is still good.
      return apiKeys.create({ name: values.text("name"), ...(day && { expires_at: `${day}T23:59:59Z` }) });
    },
    (key) => {
      setMade(key);
      void queries.invalidateQueries({ queryKey: keys.apiKeys() });
    },
  );
  return (
    <>
      <Form form={form} inputs={["name", "expires_at"]} label="New key" action="Create key" busy="Creating…" className="columns">
        <TextField name="name" label="What it is for" required />
        <TextField name="expires_at" label="Good until" type="date" hint="Never ends when empty." />
      </Form>
      {made?.key && <Shown name={made.name} text={made.key} onDone={() => setMade(null)} />}
    </>
  );
}

/** The key itself, which the server shows only now. It is kept nowhere but in this page. */
function Shown({ name, text, onDone }: { name: string; text: string; onDone: () => void }) {
  const toasts = useToasts();
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => toasts.good("The key is copied."),
      () => toasts.bad("The browser does not let this page copy: mark the key and copy it yourself."),
    );
  };
  return (
    <div className="notice good" role="status">
      <p>
        The key “{name}” is shown this once. Keep it where a password would be kept.
      </p>
      <p>
        <code className="wrapped">{text}</code>
      </p>
      <div className="actions">
        {"clipboard" in navigator && (
          <button type="button" onClick={copy}>
            Copy
          </button>
        )}
        <button type="button" onClick={onDone}>
          I have it
        </button>
      </div>
    </div>
  );
}

function KeyTable({ items }: { items: ApiKeyView[] }) {
  return (
    <div className="table-wrap">
      <table>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Made</th>
            <th scope="col">Last used</th>
            <th scope="col">Good until</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {items.map((key) => (
            <Row key={key.id} item={key} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ item }: { item: ApiKeyView }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const [asking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: () => apiKeys.remove(item.id),
    onSuccess: () => {
      toasts.good(`The key ${item.name} is revoked.`);
      return queries.invalidateQueries({ queryKey: keys.apiKeys() });
    },
    onError: (error) => toasts.bad(messageOf(error)),
  });
  return (
    <tr>
      <th scope="row">
        {item.name}
        <div className="hint">
          <code>{item.prefix}…</code>
        </div>
      </th>
      <td>
        <When at={item.created_at} />
      </td>
      <td>{item.last_used_at ? <When at={item.last_used_at} /> : <span className="muted">Never</span>}</td>
      <td>{item.expires_at ? <When at={item.expires_at} /> : <span className="muted">Never ends</span>}</td>
      <td>
        <div className="actions">
          <button type="button" className="danger" aria-label={`Revoke ${item.name}`} onClick={() => setAsking(true)}>
            Revoke
          </button>
        </div>
        {asking && (
          <Confirm title={`Revoke ${item.name}?`} action="Revoke" onConfirm={() => revoke.mutate()} onClose={() => setAsking(false)}>
            <p>Programs that use it are refused at once.</p>
          </Confirm>
        )}
      </td>
    </tr>
  );
}
