"""How AWS, or boto3 before it is asked, refuses: one sentence each."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from aiwebhook.errors import AiWebhookError, ConfigurationError, Forbidden, Unavailable

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_UNKNOWN = frozenset(
    {
        "AuthFailure",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_REGION_OFF = frozenset({"OptInRequired", "RegionDisabledException"})
_CLOCK = frozenset({"RequestTimeTooSkewed", "RequestInTheFuture"})


@contextmanager
def aws_errors(action: str) -> Generator[None]:
    """botocore's exceptions as ours, one sentence each, with the action that was refused."""
    from botocore.exceptions import (  # noqa: PLC0415 see account.open_account
        BotoCoreError,
        ClientError,
        ConfigParseError,
        CredentialRetrievalError,
        InvalidConfigError,
        LoginError,
        NoCredentialsError,
        PartialCredentialsError,
        RefreshWithMFAUnsupportedError,
        SSOError,
        TokenRetrievalError,
    )

    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as exc:
        raise ConfigurationError(
            "There are no AWS credentials here.", code="no_credentials"
        ) from exc
    except (CredentialRetrievalError, ConfigParseError, InvalidConfigError) as exc:
        raise ConfigurationError(
            f"There are no AWS credentials: {exc}", code="no_credentials"
        ) from exc
    except (TokenRetrievalError, SSOError, LoginError, RefreshWithMFAUnsupportedError) as exc:
        # Also a token file that is not there: nobody has signed in on this machine.
        raise ConfigurationError(
            "The AWS sign-in has expired.", code="credentials_expired"
        ) from exc
    except ClientError as exc:
        raise _refused(action, exc.response) from exc
    except BotoCoreError as exc:
        raise Unavailable(
            f"AWS does not answer: {exc}",
            code="aws_no_answer",
            remedy="Check the network, HTTPS_PROXY and the Region, then run the command again.",
        ) from exc


def _refused(action: str, response: Mapping[str, Any]) -> AiWebhookError:
    error = response["Error"]
    code, message = str(error["Code"]), str(error["Message"])
    if code in _EXPIRED:
        return ConfigurationError("The AWS credentials have expired.", code="credentials_expired")
    if code in _UNKNOWN:
        return ConfigurationError("AWS does not know the credentials.", code="credentials_unknown")
    if code in _REGION_OFF:
        return ConfigurationError(
            f"The account does not use this Region: {code}.", code="no_region"
        )
    if code in _CLOCK:
        return ConfigurationError(
            "This machine's clock is wrong.",
            code="credentials_unknown",
            remedy="Set it: AWS takes no signature that is 5 minutes off.",
        )
    if code in _DENIED:
        return Forbidden(f"The AWS credentials do not allow {action}.", code="aws_denied")
    return Unavailable(
        f"AWS refused {action}: {code}: {message}",
        code="aws_refused",
        remedy="Read the reason, which is AWS's own, then run the command again.",
    )
