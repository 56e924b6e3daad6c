/** A button that deletes something after asking. */

import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { messageOf } from "../api/problem";
import { Confirm } from "./basics";
import { useToasts } from "./toasts";

interface Props {
  /** What is deleted, by its name. */
  name: string;
  /** Says more than "Delete" where there is only one such button. */
  label?: string;
  remove: () => Promise<unknown>;
  onDeleted: () => void;
  /** What is lost with it. */
  children: ReactNode;
}

export function DeleteButton({ name, label, remove, onDeleted, children }: Props) {
  const toasts = useToasts();
  const [asking, setAsking] = useState(false);
  const removal = useMutation({
    mutationFn: remove,
    onSuccess: () => {
      toasts.good(`${name} is deleted.`);
      onDeleted();
    },
    onError: (error) => toasts.bad(messageOf(error)),
  });
  return (
    <>
      <button type="button" className="danger" aria-label={label ? undefined : `Delete ${name}`} disabled={removal.isPending} onClick={() => setAsking(true)}>
        {label ?? "Delete"}
      </button>
      {asking && (
        <Confirm title={`Delete ${name}?`} action="Delete" onConfirm={() => removal.mutate()} onClose={() => setAsking(false)}>
          {children}
        </Confirm>
      )}
    </>
  );
}
