/** How the instance's queues stand, and the switches that only its administrators have. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { jobs } from "../../api/endpoints";
import type { QueueView } from "../../api/jobs-schema";
import { keys } from "../../api/keys";
import { messageOf } from "../../api/problem";
import { Badge, Confirm, Ready } from "../../components/basics";
import { useToasts } from "../../components/toasts";
import { useMe } from "../../lib/access";
import { count, duration } from "../../lib/text";
import { depthOf, scaleOf } from "./bars";
import { Legend, QueueBar } from "./queue-bar";

export function Queues() {
  const list = useQuery({ queryKey: keys.jobs("queues"), queryFn: jobs.queues });
  return (
    <section className="panel" aria-labelledby="queues">
      <h2 id="queues">Queues</h2>
      <Ready query={list}>{({ items }) => (items.length > 0 ? <QueueList items={items} /> : <p className="muted">This instance has no queue.</p>)}</Ready>
    </section>
  );
}

function QueueList({ items }: { items: QueueView[] }) {
  const admin = useMe()?.is_admin ?? false;
  const scale = scaleOf(items);
  return (
    <>
      <Legend />
      <ul className="queues">
        {items.map((queue) => (
          <li key={queue.name}>
            <h3>
              {queue.name} {queue.paused && <Badge value="paused" />}
            </h3>
            <QueueBar queue={queue} scale={scale} />
            <p>
              {depthOf(queue)} <span className="muted">· {factsOf(queue).join(" · ")}</span>
            </p>
            {admin && <Switch queue={queue} />}
          </li>
        ))}
      </ul>
    </>
  );
}

function factsOf(queue: QueueView): string[] {
  const oldest = queue.oldest_ready_seconds;
  return [
    oldest == null ? "nothing waits" : `oldest waits ${duration(oldest)}`,
    `${Number(queue.finished_per_minute.toFixed(1))} a minute`,
    queue.workers === 0 ? "no worker" : count(queue.workers, "worker"),
  ];
}

function Switch({ queue }: { queue: QueueView }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const [asking, setAsking] = useState(false);
  const turn = useMutation({
    mutationFn: () => (queue.paused ? jobs.resumeQueue(queue.name) : jobs.pauseQueue(queue.name)),
    onSuccess: (answer) => {
      toasts.good(answer.paused ? `The queue ${answer.name} is paused.` : `The queue ${answer.name} runs again.`);
      return queries.invalidateQueries({ queryKey: keys.jobs("queues") });
    },
    onError: (error) => toasts.bad(messageOf(error)),
  });
  const verb = queue.paused ? "Resume" : "Pause";
  return (
    <>
      <button type="button" aria-label={`${verb} queue ${queue.name}`} disabled={turn.isPending} onClick={() => (queue.paused ? turn.mutate() : setAsking(true))}>
        {verb}
      </button>
      {asking && (
        <Confirm title={`Pause the queue ${queue.name}?`} action="Pause" onConfirm={() => turn.mutate()} onClose={() => setAsking(false)}>
          <p>For every project of this instance: jobs that run go on, no other is started until the queue is resumed.</p>
        </Confirm>
      )}
    </>
  );
}
