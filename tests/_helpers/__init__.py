"""What tests share: data, small models, comparisons, and every access to private parts."""
