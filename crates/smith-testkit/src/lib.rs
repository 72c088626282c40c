//! Test support: scripted models that check every request, fixture builders
