//! Chat models behind one narrow trait: OpenAI-compatible dialect, retries, cost, budget, record and replay
