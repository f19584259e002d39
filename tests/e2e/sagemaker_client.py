"""boto3's client of a shim."""

import boto3
import botocore.config


def client_of(shim):
    """sagemaker-runtime, without retries: a failure is to be seen."""
    return boto3.client("sagemaker-runtime", region_name="eu-central-1", endpoint_url=f"http://127.0.0.1:{shim.port}",
                        aws_access_key_id="nobody", aws_secret_access_key="nothing",
                        config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=60))
