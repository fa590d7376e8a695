"""What each request passes: a desk left alone closes; an empty installation leads to its first start."""


class IdleMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)


class FirstStartMiddleware(IdleMiddleware):
    pass
