/** The frame of every page: navigation, project, theme, account. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { Link, NavLink, useLocation, useNavigate } from "react-router";

import { auth, projects } from "../api/endpoints";
import { keys } from "../api/keys";
import { messageOf } from "../api/problem";
import { session } from "../api/session";
import { useToasts } from "../components/toasts";
import { useMe } from "../lib/access";
import { chooseProject, useProjectId } from "../lib/project";
import { saveTheme, savedTheme, THEMES, type Theme } from "../lib/theme";
import { words } from "../lib/text";

const PLACES = [
  ["/", "Overview"],
  ["/repositories", "Repositories"],
  ["/technologies", "Technologies"],
  ["/research", "Research"],
  ["/knowledge", "Knowledge"],
  ["/sources", "Sources"],
  ["/jobs", "Jobs"],
  ["/settings/models", "Language models"],
  ["/members", "Members"],
] as const;

export function Shell({ children }: { children: ReactNode }) {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  // A new page is read from its start, also by screen readers.
  useEffect(() => {
    if (shown.current !== pathname) main.current?.focus();
    shown.current = pathname;
  }, [pathname]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="side">
        <Link className="brand" to="/">
          <img src="/favicon.svg" alt="" width="26" height="26" />
          CommandCenter
        </Link>
        <ProjectSwitch />
        <nav aria-label="Main">
          <ul>
            {PLACES.map(([to, name]) => (
              <li key={to}>
                <NavLink to={to} end={to === "/"}>
                  {name}
                </NavLink>
              </li>
            ))}
          </ul>
        </nav>
        <div className="foot">
          <ThemeControl />
          <Account />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function ProjectSwitch() {
  const id = useId();
  const chosen = useProjectId();
  const navigate = useNavigate();
  const list = useQuery({ queryKey: keys.projects, queryFn: projects.list });
  const items = list.data?.items ?? [];
  return (
    <div className="field">
      <label htmlFor={id}>Project</label>
      {items.length > 0 && (
        <select
          id={id}
          value={chosen ?? ""}
          onChange={(event) => {
            chooseProject(Number(event.target.value));
            void navigate("/");
          }}
        >
          {items.map((project) => (
            <option key={project.id} value={project.id}>
              {project.name}
            </option>
          ))}
        </select>
      )}
      {items.length === 0 && <input id={id} value="None yet" readOnly />}
      <Link to="/projects">All projects, new project</Link>
    </div>
  );
}

function ThemeControl() {
  const id = useId();
  const [theme, setTheme] = useState<Theme>(savedTheme);
  return (
    <div className="field">
      <label htmlFor={id}>Theme</label>
      <select
        id={id}
        value={theme}
        onChange={(event) => {
          const next = THEMES.find((known) => known === event.target.value) ?? "system";
          saveTheme(next);
          setTheme(next);
        }}
      >
        {THEMES.map((known) => (
          <option key={known} value={known}>
            {words(known)}
          </option>
        ))}
      </select>
    </div>
  );
}

function Account() {
  const toasts = useToasts();
  const me = useMe();
  const logout = useMutation({
    mutationFn: auth.logout,
    onSuccess: () => session.end(),
    onError: (error) => toasts.bad(messageOf(error)),
  });
  return (
    <>
      <span className="who">{me?.full_name ?? me?.email}</span>
      <Link to="/api-keys">API keys</Link>
      <button type="button" onClick={() => logout.mutate()} disabled={logout.isPending}>
        Sign out
      </button>
    </>
  );
}
