"""Measurements of the OpenSearch engine beside the embedded one, on the cluster that OPENSEARCH_TEST_HOSTS names."""
