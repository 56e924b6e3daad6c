import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";

import { ApiProblem } from "./api/problem";
import { App } from "./app";
import { Toasts } from "./components/toasts";
import { applyTheme, savedTheme } from "./lib/theme";
import "./styles.css";
import "./pages/jobs/jobs.css";
import "./pages/knowledge/knowledge.css";
import "./pages/models/models.css";

applyTheme(savedTheme());

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A problem is an answer; only a connection that failed is worth another try.
      retry: (count, error) => !(error instanceof ApiProblem) && count < 2,
    },
  },
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <Toasts>
          <BrowserRouter>
            <App />
          </BrowserRouter>
        </Toasts>
      </QueryClientProvider>
    </StrictMode>,
  );
}
