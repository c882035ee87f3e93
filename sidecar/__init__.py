"""Session Sidecar: a sign-in and strict session control in front of an application."""

__version__ = "0.1.0"
