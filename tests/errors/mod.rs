//! A gallery of error messages, each as the user sees it.
