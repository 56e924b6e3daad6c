/** All rows of a filter as a file. */

import { useMutation } from "@tanstack/react-query";

import type { Query } from "../../api/client";
import { llm } from "../../api/endpoints";
import { messageOf } from "../../api/problem";
import { useToasts } from "../../components/toasts";
import { nameOf, save } from "../../lib/save";

export function CsvButton({ what, query }: { what: "usage" | "costs"; query: Query }) {
  const toasts = useToasts();
  const download = useMutation({
    mutationFn: async () => {
      const response = await llm.csv(what, query);
      save(await response.blob(), nameOf(response, `${what}.csv`));
    },
    onError: (error) => toasts.bad(messageOf(error)),
  });
  return (
    <button type="button" aria-label={`Save ${what} as CSV`} disabled={download.isPending} onClick={() => download.mutate()}>
      {download.isPending ? "Saving…" : "CSV"}
    </button>
  );
}
