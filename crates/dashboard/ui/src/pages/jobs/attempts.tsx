/** Every attempt of a job: where it ran, how long, and how it ended. */

import { useInfiniteQuery } from "@tanstack/react-query";

import { jobs } from "../../api/endpoints";
import type { AttemptView } from "../../api/jobs-schema";
import { keys } from "../../api/keys";
import type { Id } from "../../api/schema";
import { Badge, ErrorNotice, Loading, When } from "../../components/basics";
import { duration, words } from "../../lib/text";

/** An attempt begins and ends with a change of the job's status, which is when they are read again. */
export function Attempts({ id, status }: { id: Id; status: string }) {
  const list = useInfiniteQuery({
    queryKey: keys.jobs("attempts", id, status),
    queryFn: ({ pageParam }) => jobs.attempts(id, pageParam),
    initialPageParam: null as number | null,
    getNextPageParam: (part) => part.next_cursor ?? null,
    staleTime: 0,
    placeholderData: (before) => before,
  });
  const items = list.data?.pages.flatMap((part) => part.items);
  return (
    <section aria-labelledby="attempts">
      <h2 id="attempts">Attempts</h2>
      {list.isError && <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Loading />}
      {items?.length === 0 && <p className="muted">None yet.</p>}
      {items !== undefined && items.length > 0 && <AttemptTable items={items} />}
      {list.hasNextPage && (
        <button type="button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          More attempts
        </button>
      )}
    </section>
  );
}

function AttemptTable({ items }: { items: AttemptView[] }) {
  return (
    // A wide table scrolls in a narrow window, so the keyboard must reach it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-wrap" role="group" aria-label="Attempts" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Number</th>
            <th scope="col">Outcome</th>
            <th scope="col">Started</th>
            <th scope="col">Took</th>
            <th scope="col">Worker</th>
          </tr>
        </thead>
        <tbody>
          {items.map((attempt, index) => (
            <tr key={index}>
              <th scope="row">{attempt.number}</th>
              <td>
                <Badge value={attempt.outcome ?? "running"} />
                {attempt.error && (
                  <div className="field-problem wrapped">
                    {attempt.error_class && attempt.error_class !== attempt.outcome && `${words(attempt.error_class)}: `}
                    {attempt.error}
                  </div>
                )}
              </td>
              <td>
                <When at={attempt.started_at} />
              </td>
              <td>{attempt.duration_seconds == null ? <span className="muted">–</span> : duration(attempt.duration_seconds)}</td>
              <td className="wrapped">{attempt.worker}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
