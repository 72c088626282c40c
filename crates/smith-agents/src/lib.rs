//! Tool-using agents that brainstorm, design, refactor and validate machine-learning tasks
