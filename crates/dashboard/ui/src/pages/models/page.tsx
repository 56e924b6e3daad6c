/** Providers of language models: where they are, what their models cost, whether they answer. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";

import { llm } from "../../api/endpoints";
import { keys } from "../../api/keys";
import type { PricedModelView, ProviderView } from "../../api/llm-schema";
import { Badge, Empty, Fact, PageHead, Ready } from "../../components/basics";
import { DeleteButton } from "../../components/delete";
import { Pagination, useListState } from "../../components/list";
import { WideTable } from "../../components/table";
import { dollars } from "../../lib/money";
import { words } from "../../lib/text";
import { Places } from "./places";
import { isConfigured, ownerOf, useRights } from "./rights";
import { TestButton } from "./test-button";

export function Models() {
  const { mayManage } = useRights();
  const state = useListState("");
  const query = { page: state.page, limit: 20 };
  const list = useQuery({ queryKey: keys.llm("providers", query), queryFn: () => llm.providers(query), placeholderData: (before) => before });
  return (
    <>
      <PageHead title="Language models">
        {mayManage && (
          <Link className="button primary" to="/settings/models/new">
            New provider
          </Link>
        )}
      </PageHead>
      <Places />
      <Ready query={list}>
        {(page) =>
          page.items.length > 0 ? (
            <>
              {page.items.map((provider) => (
                <Provider key={provider.id} provider={provider} />
              ))}
              <Pagination page={page} state={state} />
            </>
          ) : (
            <Empty title="No provider yet">A provider is a service of language models, such as OpenAI, Anthropic, Gemini, or an Ollama of your own. {mayManage ? "Add one, then give the role “answer” a model." : "A maintainer can add one."}</Empty>
          )
        }
      </Ready>
    </>
  );
}

function Provider({ provider }: { provider: ProviderView }) {
  const queries = useQueryClient();
  const { mayManage, mayChange } = useRights();
  const { id, alias, dialect, base_url, scope, has_api_key, api_key_hint, enabled, models } = provider;
  return (
    <section className="panel provider" aria-label={alias}>
      <div className="page-head">
        <h2>
          {alias} {!enabled && <Badge value="paused" label="Off" />}
        </h2>
        <div className="actions">
          {mayChange(provider) && (
            <Link className="button" to={`/settings/models/${id}`} aria-label={`Change ${alias}`}>
              Change
            </Link>
          )}
          {mayChange(provider) && !isConfigured(provider) && (
            <DeleteButton name={alias} remove={() => llm.removeProvider(id)} onDeleted={() => void queries.invalidateQueries({ queryKey: keys.llm() })}>
              <p>Its models and prices go with it. Roles pass over its models; the ledger keeps its rows.</p>
            </DeleteButton>
          )}
        </div>
      </div>
      <dl className="facts">
        <Fact name="Speaks">{words(dialect)}</Fact>
        <Fact name="Address">{base_url}</Fact>
        <Fact name="Key">{has_api_key ? `Stored${api_key_hint ? `, ends in ${api_key_hint}` : ""}` : "None"}</Fact>
        <Fact name="For">
          {ownerOf(scope)}
          {isConfigured(provider) && ", set up by the server's configuration"}
        </Fact>
      </dl>
      {models.length > 0 ? <ModelTable of={alias} models={models} /> : <p className="muted">It has no models yet.</p>}
      {mayManage && enabled && models.length > 0 && <TestButton provider={provider} />}
    </section>
  );
}

function ModelTable({ of, models }: { of: string; models: PricedModelView[] }) {
  return (
    <WideTable label={`Models of ${of}`}>
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col">A million tokens in</th>
          <th scope="col">From its cache</th>
          <th scope="col">A million tokens out</th>
          <th scope="col">Holds</th>
          <th scope="col">Can</th>
        </tr>
      </thead>
      <tbody>
        {models.map((model) => (
          <tr key={model.name}>
            <th scope="row">{model.name}</th>
            <td>{dollars(model.input_nano_per_million)}</td>
            <td>{model.cached_nano_per_million == null ? <span className="muted">As in</span> : dollars(model.cached_nano_per_million)}</td>
            <td>{dollars(model.output_nano_per_million)}</td>
            <td>
              {model.context_window.toLocaleString("en-US")} tokens
              <div className="hint">answers up to {model.max_output_tokens.toLocaleString("en-US")}</div>
            </td>
            <td>{model.capabilities.length > 0 ? model.capabilities.map((one) => words(one)).join(", ") : <span className="muted">–</span>}</td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}
