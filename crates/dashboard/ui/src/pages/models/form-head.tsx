/** The heading of a form below a list. What is changed from the list takes the focus there. */

import { useEffect, useRef } from "react";

export function FormHead({ id, title, isCalled }: { id: string; title: string; isCalled: boolean }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (isCalled) ref.current?.focus();
  }, [isCalled, title]);
  return (
    <h2 id={id} ref={ref} tabIndex={-1}>
      {title}
    </h2>
  );
}
